"""The office's own papers: rosters in; sign-off sheets and lists out."""

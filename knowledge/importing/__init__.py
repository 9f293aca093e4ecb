"""How a clerk works on content: documents into drafts, topics as a spreadsheet, what an edit changes."""

"""The figures of `make bench`: how fast and how small, beside what a peer takes in the same run."""

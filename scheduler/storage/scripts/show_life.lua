-- A relay lives, also while it waits for its lane and takes nothing. ARGV: lane, worker.
show_life(ARGV[1], ARGV[2])

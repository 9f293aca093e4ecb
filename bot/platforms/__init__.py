"""The platforms: each a receiver (updates → InboundMessage) and a sender (OutboundMessage → calls → Outcome)."""

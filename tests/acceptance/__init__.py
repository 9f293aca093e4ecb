"""Whole stories, told through the chatroom: real content, real Valkey, a clock that is turned."""

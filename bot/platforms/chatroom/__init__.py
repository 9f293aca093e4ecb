"""The local chatroom: a platform of our own in this process' memory, for the demo and the tests."""

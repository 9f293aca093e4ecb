"""The demo: a sample college one can talk to in the browser, and the story told without one."""

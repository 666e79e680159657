"""办理: the desk where officials read, sort and decide on what residents said."""

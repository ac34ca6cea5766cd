"""Papers: what views say, in the reader's language, as PDF or ZPL; and the queue of what is to be printed."""

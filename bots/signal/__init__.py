"""Signal, by signalbot and the REST service beside it: frames in, words and timers out."""

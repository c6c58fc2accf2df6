-- What is to be taken back from people's screens and was not yet, by the random id of the message.

CREATE TABLE recall (
    message TEXT PRIMARY KEY
);

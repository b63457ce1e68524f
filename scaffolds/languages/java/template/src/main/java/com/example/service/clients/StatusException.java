package com.example.service.clients;

/** A need's answer that is not a success. */
public final class StatusException extends CallException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final byte[] body;

    StatusException(String need, Answer answer) {
        super(need + " answered " + answer.status(), null);
        status = answer.status();
        body = answer.body();
    }

    public int status() {
        return status;
    }

    public byte[] body() {
        return body.clone();
    }
}

package com.example.service.clients;

/** A call to a need gave no answer, or none that can be read. */
public class CallException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CallException(String message, Throwable cause) {
        super(message, cause);
    }
}

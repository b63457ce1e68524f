package com.example.service.payments;

/** The store cannot be reached now; the same call may work later. */
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StoreUnavailableException(Throwable cause) {
        super("the store is not available: " + cause.getMessage(), cause);
    }
}

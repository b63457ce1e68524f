package com.example.service.payments;

/** There is no payment with this id. */
public final class PaymentNotFoundException extends RuntimeException {
    private static final long serialVersionUID = 1;
}

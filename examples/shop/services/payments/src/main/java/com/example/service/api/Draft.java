package com.example.service.api;

import com.example.service.payments.CardNetwork;
import com.example.service.payments.Payment;

/** What a client says about a payment: the body of POST. */
record Draft(String order, int amount) {
    Payment charge(String id) {
        return new Payment(id, order, amount, CardNetwork.charge(amount));
    }
}

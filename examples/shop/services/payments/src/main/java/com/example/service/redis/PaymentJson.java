package com.example.service.redis;

import com.example.service.payments.Payment;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;

/** A payment as it stands in Redis. Fields of a later version of the service are not minded. */
final class PaymentJson {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private PaymentJson() {}

    static String encode(Payment payment) {
        try {
            return MAPPER.writeValueAsString(payment);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Payment decode(String value) {
        try {
            return MAPPER.readValue(value, Payment.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("stored payment is not readable", e);
        }
    }
}

package com.example.service.payments;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/** The form of ids, and new ones. */
public final class PaymentIds {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final SecureRandom RANDOM = new SecureRandom();

    private PaymentIds() {}

    /**
     * Makes a UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then 74 random bits. It cannot be
     * guessed, and ids sort by age, which is the order of lists.
     */
    public static String next(Instant now) {
        long high = (now.toEpochMilli() << 16) | 0x7000 | RANDOM.nextInt(0x1000);
        long low = (RANDOM.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }

    /** Says whether the text has the form of an id; what has not needs no look into the store. */
    public static boolean isValid(String text) {
        return FORM.matcher(text).matches();
    }
}

package com.example.service.payments;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaymentIdsTest {
    @Test
    void anIdIsAUuidOfVersion7() {
        String id = PaymentIds.next(Instant.ofEpochMilli(0x0123456789abL));
        assertThat(PaymentIds.isValid(id)).isTrue();
        assertThat(id).startsWith("01234567-89ab-7");
        assertThat(id.charAt(19)).isIn('8', '9', 'a', 'b');
    }

    @Test
    void idsSortByTimeAndNeverRepeat() {
        Instant now = Instant.ofEpochMilli(1_700_000_000_000L);
        assertThat(PaymentIds.next(now)).isLessThan(PaymentIds.next(now.plusMillis(1)));
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            seen.add(PaymentIds.next(now));
        }
        assertThat(seen).hasSize(1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "../etc", "0190163D-8694-739B-AEA5-966C26F8AD91"})
    void otherTextIsNoId(String text) {
        assertThat(PaymentIds.isValid(text)).isFalse();
    }
}

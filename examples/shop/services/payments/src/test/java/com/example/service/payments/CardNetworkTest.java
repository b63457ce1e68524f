package com.example.service.payments;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.service.payments.Payment.State;
import org.junit.jupiter.api.Test;

class CardNetworkTest {
    @Test
    void itDeclinesWhatIsTooMuch() {
        assertThat(CardNetwork.charge(1)).isEqualTo(State.CAPTURED);
        assertThat(CardNetwork.charge(CardNetwork.MAX_CAPTURED)).isEqualTo(State.CAPTURED);
        assertThat(CardNetwork.charge(CardNetwork.MAX_CAPTURED + 1)).isEqualTo(State.DECLINED);
    }
}

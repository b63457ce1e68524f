package com.example.service.redis;

import com.example.service.items.Item;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;

/** An item as it stands in Redis. Fields of a later version of the service are not minded. */
final class ItemJson {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private ItemJson() {}

    static String encode(Item item) {
        try {
            return MAPPER.writeValueAsString(item);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Item decode(String value) {
        try {
            return MAPPER.readValue(value, Item.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("stored item is not readable", e);
        }
    }
}

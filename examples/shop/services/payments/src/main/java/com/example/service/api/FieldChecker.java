package com.example.service.api;

import com.example.service.problem.Problem;
import com.example.service.problem.ProblemException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.http.HttpStatus;

/** Takes values out of an object and collects what is wrong with them. */
final class FieldChecker {
    private final JsonNode fields;
    private final List<Problem.Field> wrong = new ArrayList<>();

    FieldChecker(JsonNode body) {
        fields = body;
        if (!body.isObject()) {
            wrong.add(Problem.Field.inBody("", "must be an object"));
            throwIfAnythingIsWrong();
        }
    }

    void throwIfAnythingIsWrong() {
        if (!wrong.isEmpty()) {
            throw new ProblemException(Problem.of(
                    HttpStatus.UNPROCESSABLE_ENTITY, "The body has values that are not allowed.", List.copyOf(wrong)));
        }
    }

    private void fail(String name, String detail) {
        wrong.add(Problem.Field.inBody(pointer(name), detail));
    }

    String text(String name, int least, int most) {
        JsonNode value = fields.get(name);
        if (value == null) {
            fail(name, "is required");
            return "";
        }
        if (!value.isTextual()) {
            fail(name, "must be a string");
            return "";
        }
        String text = withoutLoneSurrogates(value.textValue());
        int length = text.codePointCount(0, text.length());
        if (length < least || length > most) {
            fail(name, "must have " + least + " to " + most + " characters");
        }
        return text;
    }

    int integer(String name, int least, int most) {
        JsonNode value = fields.get(name);
        if (value == null) {
            fail(name, "is required");
            return 0;
        }
        // JSON has one kind of number: 3.0 and 3e0 are integers too. Doubles are exact far beyond any limit here.
        double number = value.doubleValue();
        if (!value.isNumber() || number != Math.rint(number)) {
            fail(name, "must be an integer");
            return 0;
        }
        if (number < least || number > most) {
            fail(name, "must be from " + least + " to " + most);
            return 0;
        }
        return (int) number;
    }

    void refuseOthers(String... known) {
        Set<String> others = new TreeSet<>();
        fields.fieldNames().forEachRemaining(others::add);
        others.removeAll(Set.of(known));
        others.forEach(name -> fail(name, "is not a known field"));
    }

    /** A JSON Pointer (RFC 6901) to a field of the body. */
    private static String pointer(String name) {
        return "/" + withoutLoneSurrogates(name).replace("~", "~0").replace("/", "~1");
    }

    /** Half of a surrogate pair can be escaped in JSON, but not be written as UTF-8. */
    private static String withoutLoneSurrogates(String text) {
        var whole = new StringBuilder(text.length());
        text.codePoints()
                .map(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE ? 0xFFFD : point)
                .forEach(whole::appendCodePoint);
        return whole.toString();
    }
}

package com.example.service.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/**
 * One failed request, as RFC 9457 describes it. The type is about:blank: the status says what went wrong, detail and
 * errors say what to change.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Problem(String type, String title, int status, String detail, List<Field> errors) {

    /** One wrong value: in the body (pointer, RFC 6901) or in the query (parameter). */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Field(String pointer, String parameter, String detail) {
        public static Field inBody(String pointer, String detail) {
            return new Field(pointer, null, detail);
        }

        public static Field inQuery(String parameter, String detail) {
            return new Field(null, parameter, detail);
        }
    }

    public static Problem of(HttpStatus status, String detail, List<Field> errors) {
        return new Problem("about:blank", title(status), status.value(), detail, errors);
    }

    public static Problem of(HttpStatus status, String detail) {
        return of(status, detail, List.of());
    }

    /** The answer to a request, ready to be given a body. */
    public ResponseEntity.BodyBuilder answer() {
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .header("Cache-Control", "no-store");
    }

    private static String title(HttpStatus status) {
        // Spring has another name for this one.
        return status == HttpStatus.PAYLOAD_TOO_LARGE ? "Request Entity Too Large" : status.getReasonPhrase();
    }
}

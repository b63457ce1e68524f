package com.example.service.problem;

import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;

/** Ends a request with a problem. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Problem problem;
    private final transient HttpHeaders headers = new HttpHeaders();

    public ProblemException(Problem problem) {
        super(problem.detail());
        this.problem = problem;
    }

    /** Adds a header to the answer. */
    public ProblemException with(String name, String value) {
        headers.set(name, value);
        return this;
    }

    public ResponseEntity<Problem> answer() {
        return problem.answer().headers(headers).body(problem);
    }
}

package com.example.service.api;

import com.example.service.payments.PaymentIds;
import com.example.service.problem.Problem;
import com.example.service.problem.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import org.springframework.http.HttpStatus;

/**
 * ?limit= and ?cursor= of a list.
 *
 * @param cursor the id of the last payment of the page before, null for the first page
 */
record PageQuery(String cursor, int limit) {
    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 100;

    static PageQuery of(HttpServletRequest request) {
        List<Problem.Field> wrong = new ArrayList<>();
        String limit = request.getParameter("limit");
        if (limit != null && !isLimit(limit)) {
            wrong.add(Problem.Field.inQuery("limit", "must be an integer from 1 to " + MAX_LIMIT));
        }
        String cursor = request.getParameter("cursor");
        if (cursor != null && !PaymentIds.isValid(cursor)) {
            wrong.add(Problem.Field.inQuery("cursor", "must be the nextCursor of a list"));
        }
        if (!wrong.isEmpty()) {
            throw new ProblemException(
                    Problem.of(HttpStatus.UNPROCESSABLE_ENTITY, "The query has values that are not allowed.", wrong));
        }
        return new PageQuery(cursor, limit == null ? DEFAULT_LIMIT : Integer.parseInt(limit));
    }

    private static boolean isLimit(String text) {
        return text.matches("[+]?[0-9]{1,9}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= MAX_LIMIT;
    }
}

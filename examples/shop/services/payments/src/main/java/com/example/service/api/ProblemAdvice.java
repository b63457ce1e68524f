package com.example.service.api;

import com.example.service.payments.PaymentNotFoundException;
import com.example.service.payments.StoreUnavailableException;
import com.example.service.problem.Problem;
import com.example.service.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.NoHandlerFoundException;

/** Answers what went wrong, as problems. Nothing of an inner error is told to the client. */
@RestControllerAdvice
final class ProblemAdvice {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

    @ExceptionHandler
    ResponseEntity<Problem> refused(ProblemException e) {
        return e.answer();
    }

    @ExceptionHandler
    ResponseEntity<Problem> noSuchPath(NoHandlerFoundException e) {
        return answer(Problem.of(HttpStatus.NOT_FOUND, "There is nothing at this path."));
    }

    @ExceptionHandler
    ResponseEntity<Problem> noSuchPayment(PaymentNotFoundException e) {
        return answer(Problem.of(HttpStatus.NOT_FOUND, "There is no payment with this id."));
    }

    @ExceptionHandler
    ResponseEntity<Problem> unavailable(StoreUnavailableException e) {
        LOG.atWarn().addKeyValue("error", e.getMessage()).log("store not available");
        var problem = Problem.of(HttpStatus.SERVICE_UNAVAILABLE, "The service's store does not answer at the moment.");
        return problem.answer().header("Retry-After", "1").body(problem);
    }

    @ExceptionHandler
    ResponseEntity<Problem> failed(Throwable e) {
        LOG.atError().setCause(e).log("request failed");
        return answer(Problem.of(HttpStatus.INTERNAL_SERVER_ERROR, "The service failed to answer this request."));
    }

    private static ResponseEntity<Problem> answer(Problem problem) {
        return problem.answer().body(problem);
    }
}

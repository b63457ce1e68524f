package com.example.service.server;

import com.example.service.problem.Problem;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.springframework.http.HttpStatus;

/**
 * Answers what Tomcat refuses, as a problem and not as a page of HTML: requests that do not reach Spring, and bodies that
 * cannot be read, after which it takes no other answer.
 */
public final class ProblemValve extends ErrorReportValve {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Override
    protected void report(Request request, Response response, Throwable failure) {
        HttpStatus status = HttpStatus.resolve(response.getStatus());
        if (status == null || !status.isError() || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        try {
            response.setContentType("application/problem+json");
            response.setHeader("Cache-Control", "no-store");
            response.getOutputStream().write(MAPPER.writeValueAsBytes(Problem.of(status, detail(status, failure))));
        } catch (IOException e) {
            // The client is gone; there is nobody else to tell.
        }
    }

    private static String detail(HttpStatus status, Throwable failure) {
        if (status.is5xxServerError()) {
            return "The service failed to answer this request.";
        }
        if (status == HttpStatus.REQUEST_TIMEOUT) {
            return "The body did not arrive in time.";
        }
        return failure instanceof IOException ? "The body ended too early." : "The request cannot be read.";
    }
}

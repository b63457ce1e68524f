package com.example.service.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.example.service.problem.Problem;
import com.example.service.problem.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.UriUtils;

/**
 * Finds the controller's method for a request. It differs from Spring's own where the answer to a miss is concerned, and
 * takes no path that others may read in another way than Spring does.
 */
final class RouteMapping extends RequestMappingHandlerMapping {
    @Override
    protected HandlerMethod lookupHandlerMethod(String path, HttpServletRequest request) throws Exception {
        if (!isPlain(request.getRequestURI())) {
            return null;
        }
        if (request.getMethod().equals("OPTIONS")) {
            // Spring would answer it itself. No route takes it, so that browsers of other origins stay outside.
            return handleNoMatch(getHandlerMethods().keySet(), path, request);
        }
        return super.lookupHandlerMethod(path, request);
    }

    /** Called where no route fits. All routes are told apart by path and method alone. */
    @Override
    protected HandlerMethod handleNoMatch(Set<RequestMappingInfo> routes, String path, HttpServletRequest request) {
        Set<String> allowed = new TreeSet<>();
        for (RequestMappingInfo route : routes) {
            var pattern = route.getPathPatternsCondition().getMatchingCondition(request);
            if (pattern != null) {
                request.setAttribute(
                        BEST_MATCHING_PATTERN_ATTRIBUTE,
                        pattern.getFirstPattern().getPatternString());
                route.getMethodsCondition().getMethods().forEach(method -> allowed.add(method.name()));
            }
        }
        if (allowed.isEmpty()) {
            return null;
        }
        if (allowed.contains(RequestMethod.GET.name())) {
            allowed.add(RequestMethod.HEAD.name()); // Spring answers HEAD where there is a GET
        }
        String allow = String.join(", ", allowed);
        throw new ProblemException(Problem.of(HttpStatus.METHOD_NOT_ALLOWED, "This path takes " + allow + "."))
                .with("Allow", allow);
    }

    /** Without empty segments, dots to walk up by, and the parameters after ';' that Spring leaves out. */
    private static boolean isPlain(String uri) {
        if (uri.indexOf(';') >= 0) {
            return false;
        }
        String[] segments = UriUtils.decode(uri, UTF_8).split("/", -1);
        for (int i = 1; i < segments.length; i++) {
            boolean empty = segments[i].isEmpty() && segments.length > 2;
            if (empty || segments[i].equals(".") || segments[i].equals("..")) {
                return false;
            }
        }
        return true;
    }
}

package com.example.service.api;

import com.example.service.payments.Payment;
import com.fasterxml.jackson.databind.JsonNode;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.core.MethodParameter;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/**
 * Reads and checks a {@link Draft} that a controller's method asks for. It does not bind the body to the record: that
 * stops at the first wrong value, and takes "7" for 7.
 */
@Component
final class DraftReader implements HandlerMethodArgumentResolver {
    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == Draft.class;
    }

    @Override
    public Draft resolveArgument(
            MethodParameter parameter,
            ModelAndViewContainer container,
            NativeWebRequest request,
            WebDataBinderFactory binders) {
        return check(JsonBody.read(request.getNativeRequest(HttpServletRequest.class)));
    }

    private static Draft check(JsonNode body) {
        var fields = new FieldChecker(body);
        var draft = new Draft(
                fields.text("order", 1, Payment.MAX_ORDER_LENGTH), fields.integer("amount", 1, Payment.MAX_AMOUNT));
        fields.refuseOthers("order", "amount");
        fields.throwIfAnythingIsWrong();
        return draft;
    }
}

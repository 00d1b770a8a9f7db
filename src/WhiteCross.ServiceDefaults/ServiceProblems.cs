using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace WhiteCross.ServiceDefaults;

/// <summary>Errors as problem details (RFC 9457): what the caller can use, and a trace id to quote; never what an exception says.</summary>
internal static class ServiceProblems
{
    public static void AddServiceProblems(this IServiceCollection services)
    {
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            var problem = context.ProblemDetails;
            if (ProblemTypes.Of(problem.Title) is { } type)
            {
                problem.Type = type.Uri;
            }

            problem.Instance ??= context.HttpContext.Request.Path;
            problem.Extensions["traceId"] = Activity.Current?.TraceId.ToString() ?? context.HttpContext.TraceIdentifier;
            if (context.Exception is null)
            {
                return;
            }

            // A developer's environment would add the exception; the details of a failure may hold a patient's words.
            problem.Extensions.Remove("exception");
            problem.Detail = context.Exception is BadHttpRequestException
                ? "The request is malformed: its body or parameters could not be read."
                : "The request failed in the service. Quote the trace id to its operators.";
        });
        services.Configure<ExceptionHandlerOptions>(options => options.StatusCodeSelector = exception => exception switch
        {
            BadHttpRequestException bad => bad.StatusCode,
            OperationCanceledException => StatusCodes.Status499ClientClosedRequest,
            TimeoutException => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        });
    }
}

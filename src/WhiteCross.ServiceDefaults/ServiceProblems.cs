using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
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
            problem.Detail = IsMalformed(context.Exception)
                ? "The request is malformed: its body or parameters could not be read."
                : "The request failed in the service. Quote the trace id to its operators.";
        });
        services.Configure<ExceptionHandlerOptions>(options =>
        {
            options.StatusCodeSelector = exception => exception switch
            {
                BadHttpRequestException bad => bad.StatusCode,
                OperationCanceledException => StatusCodes.Status499ClientClosedRequest,
                TimeoutException => StatusCodes.Status503ServiceUnavailable,
                _ when IsMalformed(exception) => StatusCodes.Status400BadRequest,
                _ => StatusCodes.Status500InternalServerError,
            };

            // Whoever sends such requests would else fill the log with traces of the stack.
            options.SuppressDiagnosticsCallback = context => context.ExceptionHandledBy == ExceptionHandledType.ExceptionHandlerService || IsMalformed(context.Exception);
        });
    }

    // The server says of a chunk whose size is no number that it could not read.
    private static bool IsMalformed(Exception exception) => exception is BadHttpRequestException or IOException { InnerException: OverflowException };
}

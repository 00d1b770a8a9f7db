using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace WhiteCross.Jobs.Dapr;

/// <summary>
/// Between services, a refusal is an answer. A sidecar's circuit breaker counts every status beyond 399 as a failure, and there is no rule that could tell it
/// otherwise: twenty unreadable messages would shut a service out for everybody. So what an internal endpoint refuses (4xx) crosses the sidecars as 200, with the
/// true status in a header, and the caller puts it back. 5xx and no answer stay failures.
/// </summary>
public static class ServiceAnswers
{
    private const string CallerHeader = "dapr-caller-app-id";
    private const string StatusHeader = "whitecross-status";

    /// <summary>Gives an answer of another service its true status back.</summary>
    /// <param name="answering">The call, by Dapr's service invocation.</param>
    public static async Task<HttpResponseMessage> AsAnsweredAsync(this Task<HttpResponseMessage> answering)
    {
        ArgumentNullException.ThrowIfNull(answering);
        var answer = await answering;
        if (answer.Headers.TryGetValues(StatusHeader, out var values)
            && int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and <= 499)
        {
            answer.StatusCode = (HttpStatusCode)status;
        }

        return answer;
    }

    /// <summary>Lets a refusal cross the sidecars as an answer.</summary>
    /// <param name="context">The request; one that comes by no sidecar is answered as ever.</param>
    internal static void CrossAsAnswers(HttpContext context)
    {
        if (!context.Request.Headers.ContainsKey(CallerHeader))
        {
            return;
        }

        context.Response.OnStarting(() =>
        {
            if (context.Response.StatusCode is >= 400 and <= 499)
            {
                context.Response.Headers[StatusHeader] = context.Response.StatusCode.ToString(CultureInfo.InvariantCulture);
                context.Response.StatusCode = StatusCodes.Status200OK;
            }

            return Task.CompletedTask;
        });
    }
}

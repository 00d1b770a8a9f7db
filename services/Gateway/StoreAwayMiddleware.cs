using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>While the job store is away, requests get 503: nothing was added or changed that the caller has not been told of.</summary>
internal sealed class StoreAwayMiddleware(RequestDelegate next)
{
    private const string RetryAfterSeconds = "2";

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (JobStoreUnavailableException) when (!context.Response.HasStarted)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
            await TypedResults.Problem(
                "The job store (Redis) does not answer, and nothing was added. Send the request again later, with the same jobId if it has one.",
                statusCode: StatusCodes.Status503ServiceUnavailable,
                title: "Job store away").ExecuteAsync(context);
        }
    }
}

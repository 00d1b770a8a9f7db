using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>While the job store is away, requests get 503: it says whether what they asked for was done, was not, or that this is not known.</summary>
internal sealed class StoreAwayMiddleware(RequestDelegate next)
{
    private const string RetryAfterSeconds = "2";

    // Somebody has to make room first.
    private const string RetryAfterSecondsWhenFull = "30";

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (JobStoreUnavailableException exception) when (!context.Response.HasStarted)
        {
            context.Response.Headers.RetryAfter = exception.IsFull ? RetryAfterSecondsWhenFull : RetryAfterSeconds;
            await StoreAwayTexts.Problem(context, exception).ExecuteAsync(context);
        }
    }
}

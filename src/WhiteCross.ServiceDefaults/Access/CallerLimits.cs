using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// How much one caller may ask, now that it is known who it is and before it is asked whether it may: requests in a second, streams at once. A stream ends
/// when what its caller was known by does.
/// </summary>
internal sealed class CallerLimits : IDisposable
{
    private readonly RequestDelegate _next;
    private readonly TimeProvider _time;
    private readonly AccessOptions _options;
    private readonly PartitionedRateLimiter<HttpContext> _requests;
    private readonly PartitionedRateLimiter<HttpContext> _streams;

    public CallerLimits(RequestDelegate next, IOptions<AccessOptions> access, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        (_next, _time, _options) = (next, time, access.Value);
        lifetime.ApplicationStopped.Register(Dispose); // Nobody disposes of a middleware, and each limiter has a timer that goes on.
        var options = access.Value;
        _requests = Buckets.Create(
            context => (IsUser(context) ? "user " : "caller ") + Caller.NameOf(context), context => IsUser(context) ? options.RequestsPerSecondOfUser : options.RequestsPerSecond);
        _streams = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            RateLimitPartition.GetConcurrencyLimiter(Caller.NameOf(context), _ => new ConcurrencyLimiterOptions { PermitLimit = options.StreamsOfCaller, QueueLimit = 0 }));
    }

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint || Door.Of(endpoint) is not { Kind: not (DoorKind.Anybody or DoorKind.Sidecar) } door)
        {
            await _next(context);
            return;
        }

        using var lease = _requests.AttemptAcquire(context);
        if (!lease.IsAcquired)
        {
            await Buckets.RefuseAsync(context, 1, IsUser(context)
                ? "This user has sent more requests in this second than Access:RequestsPerSecondOfUser allows."
                : "This caller has sent more requests in this second than Access:RequestsPerSecond allows. Send many jobs in one request, to …/jobs/bulk.");
            return;
        }

        AddHeaders(context);

        // Users that nobody knows are many behind one name.
        if (endpoint.Metadata.GetMetadata<LongLived>() is null || (door.Kind == DoorKind.Users && !IsUser(context)))
        {
            await _next(context);
            return;
        }

        using var stream = _streams.AttemptAcquire(context);
        if (!stream.IsAcquired)
        {
            await Buckets.RefuseAsync(context, 5, "This caller has as many streams and connections open as Access:StreamsOfCaller allows. Close one.");
            return;
        }

        await HoldAsync(context);
    }

    public void Dispose()
    {
        _requests.Dispose();
        _streams.Dispose();
    }

    private static bool IsUser(HttpContext context) =>
        context.GetEndpoint() is { } endpoint && Door.Of(endpoint) is { Kind: DoorKind.Users } && context.User.FindFirstValue("sub") is not null;

    // Of the bucket that was taken from: how large it is, what is left in it, and that it fills within a second.
    private void AddHeaders(HttpContext context)
    {
        var limit = IsUser(context) ? _options.RequestsPerSecondOfUser : _options.RequestsPerSecond;
        var headers = context.Response.Headers;
        headers["RateLimit-Limit"] = limit.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Remaining"] = (_requests.GetStatistics(context)?.CurrentAvailablePermits ?? 0).ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Reset"] = "1";
    }

    private async Task HoldAsync(HttpContext context)
    {
        if (context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc is not { } expires)
        {
            await _next(context);
            return;
        }

        using var expiry = new CancellationTokenSource();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, expiry.Token);
        var remaining = expires - _time.GetUtcNow();
        await using var timer = _time.CreateTimer(
            _ => expiry.Cancel(), null, remaining > TimeSpan.Zero ? remaining < TimeSpan.FromDays(40) ? remaining : Timeout.InfiniteTimeSpan : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        context.RequestAborted = ending.Token;
        try
        {
            await _next(context);
        }
        catch (OperationCanceledException) when (expiry.IsCancellationRequested)
        {
            // Its time is over: the stream ends here, and its caller comes again with a new token or does not.
        }
    }
}

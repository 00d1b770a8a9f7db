using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// How much one address may ask, before anybody is asked who they are: so many requests in a second, and so many wrong keys and tokens in a minute. Who
/// guesses is not listened to for the rest of the minute, also when the guess is right.
/// </summary>
internal sealed partial class AddressLimits : IDisposable
{
    private const int MostAddresses = 10_000;

    private readonly ConcurrentDictionary<string, (long Minute, int Count)> _failures = new();
    private readonly PartitionedRateLimiter<HttpContext> _requests;
    private readonly RequestDelegate _next;
    private readonly AccessOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public AddressLimits(RequestDelegate next, IOptions<AccessOptions> access, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<AddressLimits> logger)
    {
        lifetime.ApplicationStopped.Register(Dispose); // Nobody disposes of a middleware, and its limiter has a timer that goes on.
        (_next, _options, _time, _logger) = (next, access.Value, time, logger);
        _requests = Buckets.Create(Caller.AddressOf, _ => _options.RequestsPerSecondOfAddress);
    }

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint || Door.Of(endpoint) is not { Kind: not (DoorKind.Anybody or DoorKind.Sidecar) })
        {
            await _next(context);
            return;
        }

        var hasCredentials = HasCredentials(context.Request);
        var address = Caller.AddressOf(context);
        if (hasCredentials && IsShutOut(address))
        {
            await Buckets.RefuseAsync(
                context, 60 - _time.GetUtcNow().Second, "Too many wrong keys or tokens came from this address (Access:FailuresPerMinute). It is not listened to for the rest of this minute.");
            return;
        }

        using var lease = _requests.AttemptAcquire(context);
        if (!lease.IsAcquired)
        {
            await Buckets.RefuseAsync(context, 1, "This address has sent more requests in this second than Access:RequestsPerSecondOfAddress allows.");
            return;
        }

        await _next(context);
        if (context.Response.StatusCode == StatusCodes.Status401Unauthorized && hasCredentials)
        {
            LogFailed(address, context.GetEndpoint()?.DisplayName);
            Count(address);
        }
    }

    public void Dispose() => _requests.Dispose();

    private static bool HasCredentials(HttpRequest request) =>
        request.Headers.ContainsKey("X-Api-Key") || request.Headers.Authorization.Count > 0 || request.Query.ContainsKey("access_token");

    private bool IsShutOut(string address) => _failures.TryGetValue(address, out var seen) && seen.Minute == Minute() && seen.Count >= _options.FailuresPerMinute;

    private void Count(string address)
    {
        var minute = Minute();
        if (_failures.Count >= MostAddresses)
        {
            foreach (var (old, seen) in _failures)
            {
                if (seen.Minute != minute)
                {
                    _failures.TryRemove(old, out _);
                }
            }
        }

        _failures.AddOrUpdate(address, (minute, 1), (_, seen) => seen.Minute == minute ? (minute, seen.Count + 1) : (minute, 1));
    }

    private long Minute() => _time.GetUtcNow().UtcTicks / TimeSpan.TicksPerMinute;

    [LoggerMessage(LogLevel.Warning, "A wrong or expired key or token came from {Address}, for {Endpoint}")]
    private partial void LogFailed(string address, string? endpoint);
}

/// <summary>Token buckets: so many at once, refilled in a second.</summary>
internal static class Buckets
{
    public static PartitionedRateLimiter<HttpContext> Create(Func<HttpContext, string> keyOf, Func<HttpContext, int> limitOf) =>
        PartitionedRateLimiter.Create<HttpContext, string>(context =>
        {
            var limit = limitOf(context);
            return RateLimitPartition.GetTokenBucketLimiter(keyOf(context), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = limit,
                TokensPerPeriod = Math.Max(1, limit / 10),
                ReplenishmentPeriod = TimeSpan.FromMilliseconds(limit < 10 ? 1000.0 / limit : 100),
                QueueLimit = 0,
            });
        });

    public static Task RefuseAsync(HttpContext context, int seconds, string detail)
    {
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Problem(detail, statusCode: StatusCodes.Status429TooManyRequests, title: "Too many requests").ExecuteAsync(context);
    }
}

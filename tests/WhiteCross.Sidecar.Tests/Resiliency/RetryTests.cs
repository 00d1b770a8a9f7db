using Microsoft.Extensions.Time.Testing;
using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Tests.Resiliency;

public sealed class RetryTests
{
    private readonly CallRecorder _calls = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_policy_the_first_failure_is_thrown_as_it_is()
    {
        var policy = new ResiliencyProvider([], _calls.Time).ForComponentInbound("jobs");
        Assert.True(policy.IsEmpty);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => _calls.RunAsync(policy, _ => throw new InvalidTimeZoneException(), Cancel));
        Assert.Single(_calls.Attempts);
    }

    [Fact]
    public async Task A_constant_retry_waits_its_duration_and_gives_up_after_its_retries_with_the_last_failure()
    {
        var policy = Inbound(new RetryPolicy { Duration = TimeSpan.FromSeconds(2), MaxRetries = 3 });
        var exception = await Assert.ThrowsAsync<PolicyFailureException>(
            () => _calls.RunAsync(policy, attempt => throw new InvalidOperationException($"failure {attempt}"), Cancel));

        Assert.Equal((PolicyFailureKind.RetriesExhausted, 4), (exception.Kind, exception.Attempts));
        Assert.Equal("component jobs inbound: failed 4 times; no retry is left", exception.Message);
        Assert.Equal("failure 4", exception.InnerException!.Message);
        Assert.Equal([2000, 2000, 2000], _calls.Pauses);
    }

    [Fact]
    public async Task A_retry_ends_with_the_first_success()
    {
        var policy = Inbound(new RetryPolicy { Duration = TimeSpan.FromSeconds(1) });
        Assert.Equal(3, await _calls.RunAsync(policy, attempt => Fail(attempt < 3), Cancel));
        Assert.Equal(2, _calls.Pauses.Count());
    }

    [Fact]
    public async Task No_retries_means_one_attempt()
    {
        var exception = await Assert.ThrowsAsync<PolicyFailureException>(
            () => _calls.RunAsync(Inbound(new RetryPolicy { MaxRetries = 0 }), _ => Fail(true), Cancel));
        Assert.Equal(1, exception.Attempts);
    }

    [Fact]
    public async Task Exponential_pauses_grow_from_half_a_second_by_half_to_the_maximum_each_with_jitter()
    {
        var policy = Inbound(new RetryPolicy { Exponential = true, MaxInterval = TimeSpan.FromSeconds(3), MaxRetries = 8 });
        double[] intervals = [500, 750, 1125, 1687.5, 2531.25, 3000, 3000, 3000];
        var ratios = new List<double>();
        for (var run = 0; run < 50; run++)
        {
            await Assert.ThrowsAsync<PolicyFailureException>(() => _calls.RunAsync(policy, _ => Fail(true), Cancel));
            Assert.Equal(intervals.Length, _calls.Pauses.Count());
            ratios.AddRange(_calls.Pauses.Zip(intervals, (pause, interval) => pause / interval));
        }

        Assert.All(ratios, ratio => Assert.InRange(ratio, 0.499, 1.501));
        // Of 400 uniform ratios, the least and the greatest reach far into both halves.
        Assert.True(ratios.Min() < 0.6 && ratios.Max() > 1.4);
    }

    [Fact]
    public async Task A_maximum_below_the_first_interval_counts_from_the_second_pause()
    {
        await Assert.ThrowsAsync<PolicyFailureException>(() => _calls.RunAsync(
            Inbound(new RetryPolicy { Exponential = true, MaxInterval = TimeSpan.FromMilliseconds(10), MaxRetries = 2 }), _ => Fail(true), Cancel));
        Assert.InRange(_calls.Pauses.First(), 249, 751);
        Assert.InRange(_calls.Pauses.Last(), 4, 16);
    }

    [Fact]
    public async Task An_exponential_retry_without_end_ends_after_a_quarter_of_an_hour()
    {
        await Assert.ThrowsAsync<PolicyFailureException>(() => _calls.RunAsync(Inbound(new RetryPolicy { Exponential = true }), _ => Fail(true), Cancel));
        Assert.InRange(_calls.Attempts[^1], TimeSpan.FromMinutes(13), TimeSpan.FromMinutes(15));
    }

    [Fact]
    public async Task Only_matching_codes_are_retried_and_failures_without_a_code_always()
    {
        var policy = Inbound(new RetryPolicy
        {
            Duration = TimeSpan.FromSeconds(1),
            HttpStatusCodes = StatusCodeRanges.Parse("429,500-599", 100, 599),
            GrpcStatusCodes = StatusCodeRanges.Parse("14", 0, 16),
        });
        Exception[] failures = [new StatusCodeException(429, null), new StatusCodeException(null, 14), new IOException(), new StatusCodeException(404, null)];
        var thrown = await Assert.ThrowsAsync<StatusCodeException>(() => _calls.RunAsync(policy, attempt => throw failures[attempt - 1], Cancel));
        Assert.Equal((404, 4), (thrown.HttpStatus, _calls.Attempts.Count));
    }

    [Fact]
    public async Task A_permanent_failure_ends_the_series_and_is_thrown_as_it_is()
    {
        var policy = Inbound(new RetryPolicy { Duration = TimeSpan.FromSeconds(1) });
        await Assert.ThrowsAsync<FormatException>(() => _calls.RunAsync(policy, _ => throw new PermanentFailureException(new FormatException()), Cancel));
        Assert.Single(_calls.Attempts);
    }

    [Fact]
    public async Task Cancelling_ends_a_pause()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var provider = Provider(new FakeTimeProvider(), new RetryPolicy { Duration = TimeSpan.FromHours(1) });
        var running = provider.ForComponentInbound("jobs").ExecuteAsync<int>(_ => throw new IOException(), cancel.Token).AsTask();
        Assert.False(running.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static void Fail(bool fails)
    {
        if (fails)
        {
            throw new IOException();
        }
    }

    private ResiliencePolicy Inbound(RetryPolicy retry) => Provider(_calls.Time, retry).ForComponentInbound("jobs");

    private static ResiliencyProvider Provider(TimeProvider time, RetryPolicy retry) => new(
        [
            new ResiliencyResource
            {
                Header = new ResourceHeader("r", [], new SourcePosition("r.yaml", 1)),
                Retries = new Dictionary<string, RetryPolicy> { ["r"] = retry },
                Components = new Dictionary<string, ComponentTarget> { ["jobs"] = new(new PolicyNames(null, "r", null), null) },
            },
        ],
        time);
}

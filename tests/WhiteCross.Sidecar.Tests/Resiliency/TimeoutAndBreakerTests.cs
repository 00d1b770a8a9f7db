using Microsoft.Extensions.Time.Testing;
using WhiteCross.Sidecar.Cel;
using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Tests.Resiliency;

public sealed class TimeoutAndBreakerTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_cancelled_and_not_waited_for()
    {
        var policy = Policy(timeout: TimeSpan.FromSeconds(30));
        var forever = new TaskCompletionSource<int>();
        var seen = CancellationToken.None;
        var running = policy.ExecuteAsync(
            token =>
            {
                seen = token;
                return new ValueTask<int>(forever.Task);
            },
            Cancel).AsTask();

        _time.Advance(TimeSpan.FromMilliseconds(29_999));
        Assert.False(running.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var exception = await Assert.ThrowsAsync<PolicyFailureException>(() => running);
        Assert.Equal((PolicyFailureKind.Timeout, "component jobs inbound: the attempt took longer than 30000 ms"), (exception.Kind, exception.Message));
        Assert.True(seen.IsCancellationRequested);
        forever.SetException(new IOException());
    }

    [Fact]
    public async Task Each_attempt_has_its_own_time()
    {
        var policy = Policy(timeout: TimeSpan.FromSeconds(10), retry: new RetryPolicy { Duration = TimeSpan.Zero, MaxRetries = 1 });
        var attempts = 0;
        var second = new TaskCompletionSource();
        var running = policy.ExecuteAsync(
            _ =>
            {
                if (++attempts == 2)
                {
                    second.SetResult();
                }

                return new ValueTask<int>(new TaskCompletionSource<int>().Task);
            },
            Cancel).AsTask();
        _time.Advance(TimeSpan.FromSeconds(10));
        await second.Task.WaitAsync(Cancel);
        Assert.False(running.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(10));
        var exception = await Assert.ThrowsAsync<PolicyFailureException>(() => running);
        Assert.Equal(PolicyFailureKind.RetriesExhausted, exception.Kind);
        Assert.Equal(PolicyFailureKind.Timeout, Assert.IsType<PolicyFailureException>(exception.InnerException).Kind);
    }

    [Fact]
    public async Task The_callers_cancellation_is_not_a_timeout()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var running = Policy(timeout: TimeSpan.FromSeconds(10)).ExecuteAsync(_ => new ValueTask<int>(new TaskCompletionSource<int>().Task), cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_breaker_opens_at_its_trip_lets_one_try_after_its_timeout_and_closes_again()
    {
        var policy = Policy(breaker: Breaker("consecutiveFailures >= 3"));
        await FailAsync(policy, 3);
        Assert.Equal(CircuitState.Open, policy.CircuitBreaker!.State);
        var open = await Assert.ThrowsAsync<PolicyFailureException>(() => CallAsync(policy));
        Assert.Equal((PolicyFailureKind.CircuitOpen, "jobs: the circuit breaker is open"), (open.Kind, open.Message));

        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(CircuitState.HalfOpen, policy.CircuitBreaker.State);
        var trial = new TaskCompletionSource<int>();
        var trying = policy.ExecuteAsync(_ => new ValueTask<int>(trial.Task), Cancel).AsTask();
        Assert.Equal(PolicyFailureKind.CircuitOpen, (await Assert.ThrowsAsync<PolicyFailureException>(() => CallAsync(policy))).Kind);
        trial.SetResult(1);
        await trying;
        Assert.Equal(CircuitState.Closed, policy.CircuitBreaker.State);
        Assert.Equal(1, await CallAsync(policy));
    }

    [Fact]
    public async Task A_failure_while_half_open_opens_it_again()
    {
        var policy = Policy(breaker: Breaker("consecutiveFailures >= 1"));
        await FailAsync(policy, 1);
        _time.Advance(TimeSpan.FromSeconds(61));
        await FailAsync(policy, 1);
        Assert.Equal(CircuitState.Open, policy.CircuitBreaker!.State);
    }

    [Fact]
    public async Task A_success_ends_a_row_of_failures_and_totals_go_on()
    {
        var inARow = Policy(breaker: Breaker("consecutiveFailures >= 2"));
        await FailAsync(inARow, 1);
        await CallAsync(inARow);
        await FailAsync(inARow, 1);
        Assert.Equal(CircuitState.Closed, inARow.CircuitBreaker!.State);

        var inAll = Policy(breaker: Breaker("requests >= 3 && totalFailures * 10 > requests * 6"));
        await FailAsync(inAll, 1);
        await CallAsync(inAll);
        await FailAsync(inAll, 1);
        Assert.Equal(CircuitState.Open, inAll.CircuitBreaker!.State);
    }

    [Fact]
    public async Task An_interval_clears_the_counters()
    {
        var policy = Policy(breaker: Breaker("totalFailures >= 2") with { Interval = TimeSpan.FromSeconds(30) });
        await FailAsync(policy, 1);
        _time.Advance(TimeSpan.FromSeconds(31));
        await FailAsync(policy, 1);
        Assert.Equal(CircuitState.Closed, policy.CircuitBreaker!.State);
        await FailAsync(policy, 1);
        Assert.Equal(CircuitState.Open, policy.CircuitBreaker.State);
    }

    [Fact]
    public async Task A_call_that_began_before_the_breaker_changed_counts_no_more()
    {
        var policy = Policy(breaker: Breaker("consecutiveFailures >= 1"));
        var late = new TaskCompletionSource<int>();
        var running = policy.ExecuteAsync(_ => new ValueTask<int>(late.Task), Cancel).AsTask();
        await FailAsync(policy, 1);
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(CircuitState.HalfOpen, policy.CircuitBreaker!.State);
        late.SetResult(1);
        await running;
        Assert.Equal(CircuitState.HalfOpen, policy.CircuitBreaker.State);
    }

    [Fact]
    public async Task An_open_breaker_ends_the_retries_at_once()
    {
        var policy = Policy(breaker: Breaker("consecutiveFailures >= 2"), retry: new RetryPolicy { Duration = TimeSpan.Zero });
        var attempts = 0;
        var exception = await Assert.ThrowsAsync<PolicyFailureException>(() => policy.ExecuteAsync<int>(
            _ =>
            {
                attempts++;
                throw new IOException();
            },
            Cancel).AsTask());
        Assert.Equal((PolicyFailureKind.CircuitOpen, 2, 2), (exception.Kind, exception.Attempts, attempts));
    }

    private static CircuitBreakerPolicy Breaker(string trip) => new() { Trip = CelExpression.Parse(trip, CircuitBreakerPolicy.TripVariables) };

    private static async Task FailAsync(ResiliencePolicy policy, int times)
    {
        for (var time = 0; time < times; time++)
        {
            await Assert.ThrowsAsync<IOException>(() => policy.ExecuteAsync<int>(_ => throw new IOException(), Cancel).AsTask());
        }
    }

    private static Task<int> CallAsync(ResiliencePolicy policy) => policy.ExecuteAsync(_ => ValueTask.FromResult(1), Cancel).AsTask();

    private ResiliencePolicy Policy(TimeSpan? timeout = null, RetryPolicy? retry = null, CircuitBreakerPolicy? breaker = null)
    {
        var resource = new ResiliencyResource
        {
            Header = new ResourceHeader("r", [], new SourcePosition("r.yaml", 1)),
            Timeouts = timeout is { } time ? new Dictionary<string, TimeSpan> { ["t"] = time } : [],
            Retries = retry is null ? [] : new Dictionary<string, RetryPolicy> { ["r"] = retry },
            CircuitBreakers = breaker is null ? [] : new Dictionary<string, CircuitBreakerPolicy> { ["c"] = breaker },
            Components = new Dictionary<string, ComponentTarget> { ["jobs"] = new(new PolicyNames("t", "r", "c"), null) },
        };
        return new ResiliencyProvider([resource], _time).ForComponentInbound("jobs");
    }
}

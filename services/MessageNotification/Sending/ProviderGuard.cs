using Polly;
using Polly.CircuitBreaker;

namespace WhiteCross.MessageNotification;

/// <summary>One provider's time limit and circuit breaker. Each provider has its own, so that one that is away holds up nothing but its own jobs.</summary>
internal sealed class ProviderGuard
{
    private readonly string _provider;
    private readonly TimeSpan _breakDuration;
    private readonly ResiliencePipeline _pipeline;

    public ProviderGuard(string provider, ProviderOptions options, TimeProvider time)
    {
        _provider = provider;
        _breakDuration = options.BreakDuration;
        _pipeline = new ResiliencePipelineBuilder { Name = provider, TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = options.BreakerFailureRatio,
                MinimumThroughput = options.BreakerMinimumThroughput,
                SamplingDuration = options.BreakerSamplingDuration,
                BreakDuration = options.BreakDuration,
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Exception switch
                {
                    null or OperationCanceledException => false,
                    SendFailedException failed => failed.ProviderAtFault,
                    _ => true,
                }),
            })
            .AddTimeout(options.Timeout)
            .Build();
    }

    /// <summary>Sends within the time limit, unless the breaker is open.</summary>
    /// <exception cref="SendFailedException">The breaker is open: the job is put off.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(async token => await send(token), cancellationToken);
        }
        catch (BrokenCircuitException exception)
        {
            throw SendFailedException.Later(
                exception.RetryAfter ?? _breakDuration, $"The {_provider} has failed repeatedly and is left alone for a while.", providerAtFault: false);
        }
    }
}

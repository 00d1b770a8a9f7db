using System.Threading.Channels;
using WhiteCross.Sidecar.Redis;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.PubSub;

/// <summary>How a delivery ended, for the component.</summary>
internal enum HandlingResult
{
    /// <summary>Handled, dropped or dead-lettered.</summary>
    Done,

    /// <summary>Failed for good, and not dead-lettered.</summary>
    Failed,

    /// <summary>Given up because the subscription closes.</summary>
    Closing,
}

/// <summary>
/// A pub/sub component with the semantics of daprd's pubsub.redis: one buffer of queueDepth in front of the workers that all
/// topics share; pending entries claimed again; what failed while its time was not over is acknowledged, and lost.
/// </summary>
internal sealed partial class PubSubComponent : IAsyncDisposable
{
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(8);

    private readonly IStreamStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RedisPubSubSettings _settings;
    private Session? _session;

    public PubSubComponent(ComponentResource resource, string appId, IStreamStore store, TimeProvider time, ILogger logger)
    {
        Resource = resource;
        Scopes = TopicScopes.Of(resource, appId);
        _store = store;
        _time = time;
        _logger = logger;
        _settings = RedisPubSubSettings.Of(resource, appId);
    }

    public ComponentResource Resource { get; }

    public TopicScopes Scopes { get; }

    public string Name => Resource.Name;

    public static async Task<PubSubComponent> StartAsync(ComponentResource resource, string appId, EmbeddedBroker? broker, TimeProvider time, ILogger logger)
    {
        IStreamStore store = broker is not null ? new MemoryStreamStore(broker) : await RedisStreamStore.ConnectAsync(resource, appId, time);
        return new PubSubComponent(resource, appId, store, time, logger);
    }

    public Task PublishAsync(string topic, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) =>
        _store.AppendAsync(StreamOf(topic), data, metadata, cancellationToken);

    /// <summary>Begins to deliver, as soon as the broker lets it; does nothing while it does.</summary>
    public async Task SubscribeAsync(IReadOnlyDictionary<string, Func<StreamEntry, CancellationToken, Task<HandlingResult>>> handlers, CancellationToken cancellationToken)
    {
        if (_session is not null || handlers.Count == 0)
        {
            return;
        }

        var byStream = handlers.ToDictionary(handler => StreamOf(handler.Key), handler => handler.Value, StringComparer.Ordinal);
        foreach (var stream in byStream.Keys)
        {
            await EnsureGroupAsync(stream, cancellationToken);
        }

        _session = new Session(this, byStream);
    }

    /// <summary>Stops to deliver, once what is in the app's hands has been answered; what is only buffered stays pending.</summary>
    public async Task UnsubscribeAsync()
    {
        if (Interlocked.Exchange(ref _session, null) is { } session)
        {
            await session.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await UnsubscribeAsync();
        await _store.DisposeAsync();
    }

    /// <summary>Ends as a process does that is killed: nothing is waited for, and nothing is acknowledged any more.</summary>
    public async Task AbortAsync()
    {
        if (Interlocked.Exchange(ref _session, null) is { } session)
        {
            await session.AbortAsync();
        }
    }

    /// <summary>The stream of a topic: its own name, after the namespace where the consumer id is of a namespace.</summary>
    private string StreamOf(string topic) => _settings.TopicPrefix + topic;

    // A subscription that cannot be started is tried again for ever, as daprd does: the broker may just be starting, too.
    private async Task EnsureGroupAsync(string topic, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await _store.EnsureGroupAsync(topic, _settings.ConsumerId, cancellationToken);
                return;
            }
#pragma warning disable CA1031 // Whatever the broker's trouble is: it may pass.
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(_logger, exception, Name, "subscribing");
                await Task.Delay(pause, _time, cancellationToken);
            }
#pragma warning restore CA1031
        }
    }

    [LoggerMessage(LogLevel.Warning, "Component {Component}: {Work} failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception, string component, string work);

    [LoggerMessage(LogLevel.Error, "Component {Component}: an event of topic {Topic} could not be handled; it is acknowledged all the same, and lost")]
    private static partial void LogLost(ILogger logger, string component, string topic);

    private sealed class Session : IAsyncDisposable
    {
        private static readonly TimeSpan LongestClosing = TimeSpan.FromSeconds(30);

        private readonly PubSubComponent _component;
        private readonly IReadOnlyDictionary<string, Func<StreamEntry, CancellationToken, Task<HandlingResult>>> _handlers;
        private readonly CancellationTokenSource _closing = new();
        private readonly Channel<StreamEntry> _queue;
        private readonly SemaphoreSlim _workers;
        private readonly Task _work;
        private volatile bool _isAborted;

        public Session(PubSubComponent component, IReadOnlyDictionary<string, Func<StreamEntry, CancellationToken, Task<HandlingResult>>> handlers)
        {
            _component = component;
            _handlers = handlers;
            _queue = Channel.CreateBounded<StreamEntry>(new BoundedChannelOptions(component._settings.QueueDepth) { SingleReader = true });
            _workers = new SemaphoreSlim(component._settings.Concurrency);
            List<Task> tasks = [Task.Run(WorkAsync), Task.Run(() => LoopAsync("reading", ReadAsync))];
            if (component._settings.RedeliverInterval > TimeSpan.Zero && component._settings.ProcessingTimeout > TimeSpan.Zero)
            {
                tasks.Add(Task.Run(() => LoopAsync("claiming", ClaimAsync)));
            }

            _work = Task.WhenAll(tasks);
        }

        public async ValueTask DisposeAsync()
        {
            await _closing.CancelAsync();
            await Task.WhenAny(EndAsync(), Task.Delay(LongestClosing, _component._time));
            _closing.Dispose();
        }

        public Task AbortAsync()
        {
            _isAborted = true;
            return _closing.CancelAsync();
        }

        private async Task EndAsync()
        {
            await _work;
            for (var i = 0; i < _component._settings.Concurrency; i++)
            {
                await _workers.WaitAsync(); // Each comes back when its entry is answered.
            }
        }

        private async Task LoopAsync(string work, Func<CancellationToken, Task> step)
        {
            while (!_closing.IsCancellationRequested)
            {
                try
                {
                    await step(_closing.Token);
                }
                catch (OperationCanceledException) when (_closing.IsCancellationRequested)
                {
                    return;
                }
#pragma warning disable CA1031 // Whatever the broker's trouble is: it may pass.
                catch (Exception exception)
                {
                    LogFailed(_component._logger, exception, _component.Name, work);
                    await Task.Delay(PauseAfterError, _component._time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
#pragma warning restore CA1031
            }
        }

        private async Task ReadAsync(CancellationToken cancellationToken)
        {
            foreach (var entry in await _component._store.ReadAsync([.. _handlers.Keys], _component._settings.ConsumerId, _component._settings.QueueDepth, cancellationToken))
            {
                await _queue.Writer.WriteAsync(entry, cancellationToken);
            }
        }

        private async Task ClaimAsync(CancellationToken cancellationToken)
        {
            foreach (var topic in _handlers.Keys)
            {
                IReadOnlyList<StreamEntry> claimed;
                do
                {
                    claimed = await _component._store.ClaimAsync(topic, _component._settings.ConsumerId, _component._settings.ProcessingTimeout, _component._settings.QueueDepth, cancellationToken);
                    foreach (var entry in claimed)
                    {
                        await _queue.Writer.WriteAsync(entry, cancellationToken);
                    }
                }
                while (claimed.Count > 0);
            }

            await Task.Delay(_component._settings.RedeliverInterval, _component._time, cancellationToken);
        }

        /// <summary>
        /// Gives the next entry to a worker as soon as one is free. A worker is a place in the semaphore: loops of their own, thousands of them with
        /// large batches, would all wake up for every entry.
        /// </summary>
        private async Task WorkAsync()
        {
            try
            {
                while (true)
                {
                    // The worker first: until there is one, the entry stays in the buffer, and the buffer full.
                    await _workers.WaitAsync(_closing.Token);
                    StreamEntry entry;
                    try
                    {
                        entry = await _queue.Reader.ReadAsync(_closing.Token);
                    }
                    catch (OperationCanceledException)
                    {
                        _workers.Release();
                        throw;
                    }

                    _ = HandleAsync(entry);
                }
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                // The subscription closes; what is still buffered stays pending.
            }
        }

        private async Task HandleAsync(StreamEntry entry)
        {
            var since = _component._time.GetTimestamp();
            try
            {
                var result = await _handlers[entry.Topic](entry, _closing.Token);
                var isLate = _component._settings.ProcessingTimeout > TimeSpan.Zero && _component._time.GetElapsedTime(since) > _component._settings.ProcessingTimeout;
                if (_isAborted || result == HandlingResult.Closing || (result == HandlingResult.Failed && isLate))
                {
                    return;
                }

                if (result == HandlingResult.Failed)
                {
                    LogLost(_component._logger, _component.Name, entry.Topic);
                }

                await _component._store.AcknowledgeAsync(entry.Topic, _component._settings.ConsumerId, entry.Id, CancellationToken.None);
            }
#pragma warning disable CA1031 // One event's trouble must not end a worker; not acknowledged, it is claimed again.
            catch (Exception exception)
            {
                LogFailed(_component._logger, exception, _component.Name, "handling an event");
            }
#pragma warning restore CA1031
            finally
            {
                _workers.Release();
            }
        }
    }
}

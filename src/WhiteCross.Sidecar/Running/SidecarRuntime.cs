using System.Net.Sockets;
using WhiteCross.Sidecar.Delivery;
using WhiteCross.Sidecar.Loading;
using WhiteCross.Sidecar.NameResolution;
using WhiteCross.Sidecar.PubSub;
using WhiteCross.Sidecar.Resiliency;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Sidecar.State;

namespace WhiteCross.Sidecar.Running;

/// <summary>What a sidecar does behind its API: components, subscriptions, the app's health. Starts in daprd's order.</summary>
internal sealed partial class SidecarRuntime : IAsyncDisposable
{
    // daprd's is 100 ms. A refused connection costs some microseconds, and whoever starts a system or a test waits for less.
    private static readonly TimeSpan DialInterval = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<string, PubSubComponent> _pubSubs = new(StringComparer.Ordinal);
    private readonly List<Subscriber> _subscribers = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _appWork = Task.CompletedTask;
    private bool _isDisposed;

    private SidecarRuntime(SidecarOptions options, LoadedResources resources, NameResolver others, TimeProvider time, ILogger logger)
    {
        Others = others;
        Options = options;
        Resources = resources;
        _time = time;
        _logger = logger;
        Resiliency = new ResiliencyProvider(resources.Resiliency, time);
        State = new StateApi(Resiliency);
        App = new AppChannel(options);
        Publisher = new Publisher(options.AppId, _pubSubs, Resiliency, time);
    }

    public SidecarOptions Options { get; }

    public LoadedResources Resources { get; }

    public ResiliencyProvider Resiliency { get; }

    public StateApi State { get; }

    public AppChannel App { get; }

    public Publisher Publisher { get; }

    public ILogger Logger => _logger;

    /// <summary>The sidecars of other apps.</summary>
    public NameResolver Others { get; }

    public IReadOnlyList<Subscriber> Subscribers => _subscribers;

    /// <summary>Whether everything is up, the subscriptions included.</summary>
    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    /// <summary>Whether the app may be called.</summary>
    public bool IsAppHealthy { get; private set; }

    /// <summary>Completes when everything is up.</summary>
    public Task Ready => _ready.Task;

    /// <exception cref="ResourceException">The resources cannot be used.</exception>
    public static async Task<SidecarRuntime> CreateAsync(SidecarOptions options, TimeProvider time, ILogger logger)
    {
        var resources = ResourceLoader.Load(options.ResourcesPaths, options.ConfigFile, options.AppId, options.Environment);
        foreach (var warning in resources.Warnings)
        {
            LogResource(logger, warning);
        }

        var runtime = new SidecarRuntime(options, resources, await NameResolver.StartAsync(options, resources.Configuration.NameResolution, time, logger), time, logger);
        try
        {
            foreach (var component in resources.Components.Where(component => component.Kind is ComponentKind.Pubsub or ComponentKind.Statestore))
            {
                await runtime.StartComponentAsync(component);
            }

            return runtime;
        }
        catch
        {
            await runtime.DisposeAsync();
            throw;
        }
    }

    /// <summary>Begins to look for the app; its subscriptions start when it listens.</summary>
    public void StartApp() => _appWork = Options.AppPort is null ? SetReady() : Task.Run(AppAsync);

    /// <summary>Ends as a process does that is killed: what the app has in hand is neither waited for nor acknowledged.</summary>
    public async Task AbortAsync()
    {
        await Task.WhenAll(_pubSubs.Values.Select(component => component.AbortAsync()));
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // Its host does, and the host's container.
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await Others.DisposeAsync();
        await _stopping.CancelAsync();
        await _appWork.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_pubSubs.Values.Select(component => component.DisposeAsync().AsTask()));
        await State.DisposeAsync();
        App.Dispose();
        _stopping.Dispose();
    }

    private async Task StartComponentAsync(ComponentResource component)
    {
        try
        {
            if (component.Kind == ComponentKind.Statestore)
            {
                var keys = StateKeys.Of(component, Options.AppId, (Options.Environment ?? ResourceEnvironment.OfProcess).Namespace);
                State.Add(component.Name, await StateStoreFactory.CreateAsync(component, Options.Broker?.State, _time).AsTask().WaitAsync(component.InitTimeout, _time), keys);
                return;
            }

            _pubSubs.Add(
                component.Name,
                await PubSubComponent.StartAsync(component, Options.AppId, Options.Broker, _time, _logger).WaitAsync(component.InitTimeout, _time));
        }
        catch (Exception exception) when (component.IgnoreErrors && exception is not ResourceException)
        {
            LogComponentIgnored(_logger, exception, component.Name);
        }
        catch (Exception exception) when (exception is not ResourceException)
        {
            throw new ResourceException($"{component.Header.Position}: component '{component.Name}' ({component.Type}) cannot start: {exception.Message}");
        }
    }

    private Task SetReady()
    {
        _ready.TrySetResult();
        return Task.CompletedTask;
    }

    private async Task AppAsync()
    {
        try
        {
            await WaitForPortAsync(_stopping.Token);
            if (!Options.EnableAppHealthCheck)
            {
                await SetHealthAsync(isHealthy: true);
                return;
            }

            var failures = 0;
            while (!_stopping.IsCancellationRequested)
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                limit.CancelAfter(Options.AppHealthProbeTimeout);
                failures = await App.ProbeAsync(Options.AppHealthCheckPath, limit.Token) ? 0 : failures + 1;
                if (failures == 0 || failures >= Options.AppHealthThreshold)
                {
                    await SetHealthAsync(failures == 0);
                }

                await Task.Delay(Options.AppHealthProbeInterval, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The sidecar stops.
        }
#pragma warning disable CA1031 // Told to whoever waits for the start, and logged.
        catch (Exception exception)
        {
            LogAppFailed(_logger, exception, Options.AppId);
            _ready.TrySetException(exception);
        }
#pragma warning restore CA1031
    }

    private async Task WaitForPortAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(Options.AppChannelAddress, Options.AppPort!.Value, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(DialInterval, _time, cancellationToken);
            }
        }
    }

    private async Task SetHealthAsync(bool isHealthy)
    {
        if (IsAppHealthy == isHealthy)
        {
            return;
        }

        IsAppHealthy = isHealthy;
        if (!isHealthy)
        {
            LogUnhealthy(_logger, Options.AppId);
            await Task.WhenAll(_pubSubs.Values.Select(component => component.UnsubscribeAsync()));
            return;
        }

        if (!_ready.Task.IsCompleted)
        {
            Add(await AppStart.AskAsync(App, Options, Resiliency, _logger, _stopping.Token));
            Add(Resources.Subscriptions);
        }

        foreach (var component in _pubSubs.Values)
        {
            await component.SubscribeAsync(
                _subscribers
                    .Where(subscriber => subscriber.Subscription.PubSubName == component.Name)
                    .ToDictionary<Subscriber, string, Func<StreamEntry, CancellationToken, Task<HandlingResult>>>(
                        subscriber => subscriber.Subscription.Topic, subscriber => subscriber.HandleAsync, StringComparer.Ordinal),
                _stopping.Token);
        }

        _ready.TrySetResult();
    }

    private void Add(IEnumerable<SubscriptionResource> subscriptions)
    {
        foreach (var subscription in subscriptions)
        {
            if (!_pubSubs.TryGetValue(subscription.PubSubName, out var component))
            {
                LogNoComponent(_logger, subscription.Topic, subscription.PubSubName);
            }
            else if (!component.Scopes.MaySubscribe(subscription.Topic))
            {
                LogForbidden(_logger, subscription.Topic, subscription.PubSubName);
            }
            else if (!_subscribers.Exists(other => other.Subscription.PubSubName == subscription.PubSubName && other.Subscription.Topic == subscription.Topic))
            {
                _subscribers.Add(new Subscriber(subscription, component, Publisher, App, Resiliency, Resources.Configuration.Tracing.IsOn, _time, _logger));
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Warning}")]
    private static partial void LogResource(ILogger logger, string warning);

    [LoggerMessage(LogLevel.Error, "Component {Component} could not start; its errors are ignored")]
    private static partial void LogComponentIgnored(ILogger logger, Exception exception, string component);

    [LoggerMessage(LogLevel.Error, "The sidecar of {AppId} could not start its app's subscriptions")]
    private static partial void LogAppFailed(ILogger logger, Exception exception, string appId);

    [LoggerMessage(LogLevel.Warning, "App {AppId} is not healthy; its events wait on their streams")]
    private static partial void LogUnhealthy(ILogger logger, string appId);

    [LoggerMessage(LogLevel.Error, "The subscription to topic {Topic} names the pub/sub component '{Component}', which this app does not have")]
    private static partial void LogNoComponent(ILogger logger, string topic, string component);

    [LoggerMessage(LogLevel.Error, "The app may not subscribe to topic {Topic} of component '{Component}' by its subscription scopes")]
    private static partial void LogForbidden(ILogger logger, string topic, string component);
}

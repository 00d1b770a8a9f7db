using Microsoft.Data.Sqlite;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.NameResolution;

/// <summary>Finds the sidecars of other apps: those of this process first, then those of this machine; and lets those find this one.</summary>
internal sealed partial class NameResolver : IAsyncDisposable
{
    private readonly SidecarOptions _options;
    private readonly SidecarRegistry? _registry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _registering = Task.CompletedTask;

    private NameResolver(SidecarOptions options, SidecarRegistry? registry, TimeProvider time, ILogger logger) =>
        (_options, _registry, _time, _logger) = (options, registry, time, logger);

    /// <exception cref="ResourceException">The configured file cannot be used. One that is only the default is then done without.</exception>
    public static async Task<NameResolver> StartAsync(SidecarOptions options, NameResolutionConfiguration? configured, TimeProvider time, ILogger logger)
    {
        if ((configured ?? (options.FindsOthersOnThisMachine ? new NameResolutionConfiguration(SidecarRegistry.DefaultPath) : null)) is not { } configuration)
        {
            return new NameResolver(options, null, time, logger);
        }

        try
        {
            var registry = new SidecarRegistry(configuration, (options.Environment ?? ResourceEnvironment.OfProcess).Namespace, time);
            await registry.OpenAsync(CancellationToken.None);
            return new NameResolver(options, registry, time, logger);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            if (configured is not null)
            {
                throw new ResourceException($"{options.ConfigFile}: spec.nameResolution.configuration.connectionString cannot be used: {exception.Message}");
            }

            LogDefaultUnusable(logger, SidecarRegistry.DefaultPath, exception.Message);
            return new NameResolver(options, null, time, logger);
        }
    }

    /// <summary>Tells the others of this sidecar, once it listens.</summary>
    public async Task RegisterAsync(Uri address, CancellationToken cancellationToken)
    {
        if (_registry is { } registry)
        {
            await TryAsync(() => registry.RegisterAsync(_options.AppId, address, cancellationToken));
            _registering = KeepRegisteredAsync(registry, address);
        }
    }

    /// <returns>The HTTP address of an app's sidecar; null where none is known.</returns>
    public async Task<Uri?> FindAsync(string appId, CancellationToken cancellationToken)
    {
        if (_options.KnownApps.TryGetValue(appId, out var known))
        {
            return known;
        }

        try
        {
            return _registry is null ? null : await _registry.FindAsync(appId, cancellationToken);
        }
        catch (SqliteException exception)
        {
            LogRegistryFailed(_logger, exception.Message);
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _registering;
        _stopping.Dispose();
    }

    private async Task KeepRegisteredAsync(SidecarRegistry registry, Uri address)
    {
        using var timer = new PeriodicTimer(registry.RenewEvery, _time);
        while (await TickAsync(timer))
        {
            await TryAsync(() => registry.RegisterAsync(_options.AppId, address, _stopping.Token));
        }

        await TryAsync(() => registry.UnregisterAsync(CancellationToken.None));
    }

    private async Task<bool> TickAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task TryAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        catch (SqliteException exception)
        {
            LogRegistryFailed(_logger, exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Other sidecars of this machine are not found: {Path} cannot be used ({Problem})")]
    private static partial void LogDefaultUnusable(ILogger logger, string path, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The register of this machine's sidecars did not answer: {Problem}")]
    private static partial void LogRegistryFailed(ILogger logger, string problem);
}

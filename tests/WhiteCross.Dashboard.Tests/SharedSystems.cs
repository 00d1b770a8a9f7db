using WhiteCross.Jobs.InMemory;

[assembly: AssemblyFixture(typeof(WhiteCross.Dashboard.Tests.SharedSystems))]

namespace WhiteCross.Dashboard.Tests;

/// <summary>The systems that tests use one after the other, one for each set of settings; started when the first test wants one.</summary>
public sealed class SharedSystems : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IReadOnlyDictionary<string, string?>, SharedSystem> _systems = [];

    /// <summary>The system with the settings, for the caller alone until it leaves, on the store.</summary>
    internal async Task<SharedSystem> TakeAsync(IReadOnlyDictionary<string, string?> settings, InMemoryJobStore store, CancellationToken cancellationToken)
    {
        SharedSystem? system;
        lock (_lock)
        {
            if (!_systems.TryGetValue(settings, out system))
            {
                _systems[settings] = system = new SharedSystem(settings);
            }
        }

        await system.EnterAsync(store, cancellationToken);
        return system;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var system in _systems.Values)
        {
            await system.DisposeAsync();
        }
    }
}

/// <summary>One of them.</summary>
internal sealed class SharedSystem(IReadOnlyDictionary<string, string?> settings) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SwitchedJobStore _store = new();
    private StartedSystem? _system;

    public Uri Gateway => _system!.Gateway;

    public async Task EnterAsync(InMemoryJobStore store, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _system ??= await StartedSystem.StartAsync(settings, _store, redis: null, cancellationToken);
            await _store.SwitchAsync(store, cancellationToken);
        }
        catch
        {
            _turn.Release();
            throw;
        }
    }

    public async ValueTask LeaveAsync()
    {
        try
        {
            await _store.WaitUntilQuietAsync(CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }

        _turn.Dispose();
    }
}

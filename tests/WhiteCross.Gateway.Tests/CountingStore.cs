using System.Reflection;
using System.Runtime.ExceptionServices;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>A job store that counts how often it was asked for metrics, and can be away.</summary>
public class CountingStore : DispatchProxy
{
    private IJobStore? _inner;
    private int _looks;

    public int Looks => Volatile.Read(ref _looks);

    public bool IsAway { get; set; }

    /// <summary>The store itself, for the gateway.</summary>
    public IJobStore Store => (IJobStore)(object)this;

    public static CountingStore Of(IJobStore inner)
    {
        var proxy = (CountingStore)(object)Create<IJobStore, CountingStore>();
        proxy._inner = inner;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        if (targetMethod.Name == nameof(IJobStore.GetMetricsAsync))
        {
            Interlocked.Increment(ref _looks);
        }

        if (IsAway)
        {
            throw new JobStoreUnavailableException("Redis, which holds the job store, cannot be reached.", new IOException());
        }

        try
        {
            return targetMethod.Invoke(_inner, args);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }
}

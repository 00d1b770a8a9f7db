using System.Reflection;
using WhiteCross.Jobs.Store;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>A job store that holds the adding of a job until it is let go.</summary>
public class HoldingStore : DispatchProxy
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IJobStore? _inner;

    /// <summary>The store itself, for the gateway.</summary>
    public IJobStore Store => (IJobStore)(object)this;

    /// <summary>Completes when a job is being added.</summary>
    public Task Reached => _reached.Task;

    public static HoldingStore Over(IJobStore inner)
    {
        var proxy = (HoldingStore)(object)Create<IJobStore, HoldingStore>();
        proxy._inner = inner;
        return proxy;
    }

    public void Release() => _released.TrySetResult();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        return targetMethod.Name == nameof(IJobStore.AddAsync) ? AddAsync(args!) : targetMethod.Invoke(_inner, args);
    }

    private async Task<IReadOnlyList<AddResult>> AddAsync(object?[] args)
    {
        _reached.TrySetResult();
        await _released.Task;
        return await _inner!.AddAsync((string)args[0]!, (IReadOnlyList<NewJob>)args[1]!, (CancellationToken)args[2]!);
    }
}

using System.Reflection;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>A job store that can be told to lose the answer to its next call that changes something; whoever called calls again, and gets the second answer.</summary>
public class RepeatingStore : DispatchProxy
{
    private static readonly MethodInfo RepeatMethod = typeof(RepeatingStore).GetMethod(nameof(RepeatForAnswerAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    private IJobStore _store = null!;
    private bool _isNextLost;

    /// <summary>Whether the last call was made twice.</summary>
    public bool HasRepeated { get; private set; }

    /// <summary>Makes such a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="repeating">What to tell it by.</param>
    public static IJobStore Over(IJobStore store, out RepeatingStore repeating)
    {
        var proxy = Create<IJobStore, RepeatingStore>();
        repeating = (RepeatingStore)(object)proxy;
        repeating._store = store;
        return proxy;
    }

    /// <summary>Loses the next answer.</summary>
    public void LoseNextAnswer() => _isNextLost = true;

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        object? Call() => targetMethod.Invoke(_store, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);

        if (IsReading(targetMethod) || !typeof(Task).IsAssignableFrom(targetMethod.ReturnType))
        {
            return Call();
        }

        HasRepeated = _isNextLost;
        _isNextLost = false;
        return !HasRepeated ? Call()
            : targetMethod.ReturnType.IsGenericType ? RepeatMethod.MakeGenericMethod(targetMethod.ReturnType.GenericTypeArguments).Invoke(obj: null, [(Func<object?>)Call])
            : RepeatAsync(() => Call());
    }

    private static bool IsReading(MethodInfo method) =>
        method.Name.StartsWith("Get", StringComparison.Ordinal) || method.Name.StartsWith("List", StringComparison.Ordinal);

    private static async Task<T> RepeatForAnswerAsync<T>(Func<object?> call)
    {
        await (Task<T>)call()!;
        return await (Task<T>)call()!;
    }

    private static async Task RepeatAsync(Func<object?> call)
    {
        await (Task)call()!;
        await (Task)call()!;
    }
}

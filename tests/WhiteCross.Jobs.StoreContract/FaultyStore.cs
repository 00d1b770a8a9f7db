using System.Reflection;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>What goes wrong with a call.</summary>
public enum StoreFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The call never gets through: nothing is done.</summary>
    Away,

    /// <summary>The call is done, and its answer is lost: whoever called cannot tell.</summary>
    AnswerLost,
}

/// <summary>
/// A store whose calls can be made to fail, by the method's name; any of the stores' interfaces. Stores that it hands out, as
/// <see cref="IJobStore.Workers"/>, fail alike.
/// </summary>
public class FaultyStore : DispatchProxy
{
    private static readonly MethodInfo LoseMethod = typeof(FaultyStore).GetMethod(nameof(LoseAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    private object _store = null!;
    private Func<string, StoreFault> _faultOf = _ => StoreFault.None;

    /// <summary>A job store that is away for some calls.</summary>
    /// <param name="store">The store.</param>
    /// <param name="isAway">Whether it is away for a method.</param>
    public static IJobStore Over(IJobStore store, Func<string, bool> isAway) => Over(store, name => isAway(name) ? StoreFault.Away : StoreFault.None);

    /// <summary>A store of which some calls fail.</summary>
    /// <typeparam name="TStore">The store's interface.</typeparam>
    /// <param name="store">The store.</param>
    /// <param name="faultOf">What goes wrong with a call of a method.</param>
    public static TStore Over<TStore>(TStore store, Func<string, StoreFault> faultOf)
        where TStore : class => (TStore)Over(typeof(TStore), store, faultOf);

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        if (targetMethod.IsSpecialName)
        {
            var property = targetMethod.Invoke(_store, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
            return targetMethod.ReturnType.IsInterface && property is not null ? Over(targetMethod.ReturnType, property, _faultOf) : property;
        }

        var fault = _faultOf(targetMethod.Name);
        if (fault == StoreFault.Away)
        {
            throw new JobStoreUnavailableException("The job store is away.");
        }

        var answer = targetMethod.Invoke(_store, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
        return fault != StoreFault.AnswerLost || answer is not Task task
            ? answer
            : targetMethod.ReturnType.IsGenericType
                ? LoseMethod.MakeGenericMethod(targetMethod.ReturnType.GenericTypeArguments).Invoke(obj: null, [task])
                : LoseAsync<object?>(task);
    }

    private static object Over(Type type, object store, Func<string, StoreFault> faultOf)
    {
        var proxy = Create(type, typeof(FaultyStore));
        var faulty = (FaultyStore)proxy;
        faulty._store = store;
        faulty._faultOf = faultOf;
        return proxy;
    }

    private static async Task<T> LoseAsync<T>(Task call)
    {
        await call;
        throw new JobStoreUnavailableException("The job store did not answer in time.");
    }
}

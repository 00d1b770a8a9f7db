using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.State;

/// <summary>Makes state stores from components.</summary>
public static class StateStoreFactory
{
    /// <summary>Makes the state store of a component.</summary>
    /// <param name="component">A component of the type state.redis.</param>
    /// <param name="embedded">Where it is kept instead of on Redis; null: on Redis, as the component says.</param>
    /// <param name="time">The clock that expiry is told by.</param>
    /// <exception cref="ResourceException">The settings are wrong, or Redis does not answer.</exception>
    public static async ValueTask<IStateStore> CreateAsync(ComponentResource component, MemoryState? embedded, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(component);
        if (component.Type != KnownComponents.StateRedis)
        {
            throw new ResourceException(component.Header.Position, $"component '{component.Name}' of type {component.Type} is not a state store.");
        }

        return embedded is null ? await RedisStateStore.ConnectAsync(component, time) : MemoryStateStore.Of(component, embedded);
    }
}

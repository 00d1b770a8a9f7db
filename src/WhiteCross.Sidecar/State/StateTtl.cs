using System.Globalization;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.State;

/// <summary>The time to live of a request or a component.</summary>
public static class StateTtl
{
    /// <summary>The name of the setting, of requests and of components.</summary>
    public const string Name = "ttlInSeconds";

    /// <summary>Reads the time to live of a request's metadata.</summary>
    /// <param name="metadata">The metadata; null: none.</param>
    /// <returns>Seconds; 0 or less: for ever; null: nothing is said.</returns>
    /// <exception cref="StateStoreException">It is not an integer.</exception>
    public static int? Read(IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null || !metadata.TryGetValue(Name, out var text) || text.Length == 0)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : throw new StateStoreException(StateStoreFailure.Failed, $"{Name} is not an integer of seconds");
    }

    /// <summary>The same for the API: what is wrong fails the call as the store's failures do.</summary>
    /// <param name="metadata">The metadata; null: none.</param>
    /// <param name="store">The store.</param>
    /// <param name="errorCode">The code of the call.</param>
    internal static int? Read(IReadOnlyDictionary<string, string>? metadata, string store, string errorCode)
    {
        try
        {
            return Read(metadata);
        }
        catch (StateStoreException exception)
        {
            throw StateErrors.Of(errorCode, store, exception);
        }
    }

    internal static int? DefaultOf(ComponentResource component) =>
        component.Metadata.Text(Name) is null ? null : component.Metadata.WholeNumber(Name, 0);
}

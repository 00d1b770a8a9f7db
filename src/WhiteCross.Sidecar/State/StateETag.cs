using System.Globalization;

namespace WhiteCross.Sidecar.State;

/// <summary>Reads ETags, which are versions.</summary>
internal static class StateETag
{
    /// <summary>What stands for "no ETag" in the rules: no key ever has this version.</summary>
    public const long None = 0;

    /// <returns>The version; <see cref="None"/> where none is to be looked at.</returns>
    /// <exception cref="StateStoreException">It is not an integer.</exception>
    public static long Read(StateOperation operation, StateConcurrency concurrency)
    {
        if (string.IsNullOrEmpty(operation.ETag) || concurrency == StateConcurrency.LastWrite)
        {
            return None;
        }

        return long.TryParse(operation.ETag, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw new StateStoreException(StateStoreFailure.ETagInvalid, $"the ETag of the key '{operation.Key}' is not an integer, as this store's are");
    }

    public static StateStoreException Refused(StateOperation operation, bool hasETag) => hasETag
        ? new StateStoreException(StateStoreFailure.ETagMismatch, $"the key '{operation.Key}' has another ETag")
        : new StateStoreException(
            StateStoreFailure.Failed, $"the key '{operation.Key}' was written first-write and takes no write without its ETag");
}

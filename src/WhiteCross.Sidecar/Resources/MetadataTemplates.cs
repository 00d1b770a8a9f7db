namespace WhiteCross.Sidecar.Resources;

/// <summary>Fills the templates that Dapr knows in settings of components: {uuid}, {podName}, {appID}, {namespace}.</summary>
internal static class MetadataTemplates
{
    /// <summary>Fills the templates of a value.</summary>
    /// <exception cref="FormatException">{podName} without a POD_NAME.</exception>
    public static string Fill(string value, string appId, ResourceEnvironment environment)
    {
        if (!value.Contains('{', StringComparison.Ordinal))
        {
            return value;
        }

        if (value.Contains("{uuid}", StringComparison.Ordinal))
        {
            value = value.Replace("{uuid}", Guid.NewGuid().ToString(), StringComparison.Ordinal);
        }

        if (value.Contains("{podName}", StringComparison.Ordinal))
        {
            var pod = environment.Variable("POD_NAME");
            value = string.IsNullOrEmpty(pod)
                ? throw new FormatException("has the template {podName}, but the environment variable POD_NAME is not set.")
                : value.Replace("{podName}", pod, StringComparison.Ordinal);
        }

        return value
            .Replace("{namespace}", $"{environment.Namespace}.{appId}", StringComparison.Ordinal)
            .Replace("{appID}", appId, StringComparison.Ordinal);
    }
}

namespace WhiteCross.Sidecar.Resources;

/// <summary>Where in a resource file something stands.</summary>
/// <param name="File">The file's path, as it was given.</param>
/// <param name="Line">The line, counted from 1.</param>
public sealed record SourcePosition(string File, long Line)
{
    /// <returns><c>file:line</c>, which editors and terminals open.</returns>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{File}:{Line}");
}

using System.Globalization;

namespace WhiteCross.MessageIndexing;

/// <summary>The numbered SQL scripts that make a database's shape, embedded: <c>0001-….sql</c> and so on; a script is never changed once released.</summary>
internal static class SchemaScripts
{
    /// <summary>The scripts of a database that has not run those up to a version.</summary>
    /// <param name="database">The folder's name: Sqlite or Postgres.</param>
    /// <param name="version">The version that the database has; 0 for an empty one.</param>
    public static IEnumerable<(int Version, string Sql)> After(string database, int version)
    {
        var assembly = typeof(SchemaScripts).Assembly;
        return
            from name in assembly.GetManifestResourceNames()
            where name.StartsWith($"{database}/", StringComparison.Ordinal)
            let number = int.Parse(name.AsSpan(database.Length + 1, 4), CultureInfo.InvariantCulture)
            where number > version
            orderby number
            select (number, Read(assembly.GetManifestResourceStream(name)!));
    }

    private static string Read(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

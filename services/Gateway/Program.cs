namespace WhiteCross.Gateway;

internal static class Program
{
    private static void Main()
    {
    }
}
